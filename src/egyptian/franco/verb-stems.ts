/**
 * Frequent verbs. Each entry is `past, past before a suffix in a consonant, present` in Arabic, then the same three stems in Franco;
 * `/` separates spellings, and one stem alone stands for all three. The Arabic side decides which letters are emphatic.
 */
const LINES = `
خلص=5allas/5alas|كلم=kallem|سلم=sallem|فكر=fakkar|جرب=garrab|صلح=salla7|حضر=7addar|غير=8ayyar|نزل=nazzel|طلع=talla3|وصل=wassal|كمل=kammel
شغل=sha88al|دور=dawwar|صور=sawwar|ضيع=dayya3|نضف=naddaf|علم=3allem|فهم=fahhem|رجع=ragga3|قرر=2arrar|حدد=7added|أجل=2aggel/aggel|بطل=battal
قدم=2addem|سجل=saggel|حول=7awwel|وقف=wa22af|صدق=sadda2|زود=zawwed|وفر=waffar|خبط=5abbat|جهز=gahhez|كسر=kassar|لبس=labbes|سخن=sa55an
ركز=rakkez|عرف=3arraf|صحى=sa77a|حمل=7ammel|رتب=rattab|ودع=wadda3|نسق=nassa2|عدى,عدي,عدي=3adda,3addi,3addi|ورى,وري,وري=warra,warri,warri
خلى,خلي,خلي=5alla,5alli,5alli|ودى,ودي,ودي=wadda,waddi,waddi|غنى,غني,غني=8anna,8anni,8anni|صلى,صلي,صلي=salla,salli,salli|استنى,استني,ستنى=estanna,estanni,stanna
كتب,كتب,كتب=katab,katab,kteb|عمل,عمل,عمل=3amal,3amal,3mel|سأل,سأل,سأل=sa2al,sa2al,s2al|طلب,طلب,طلب=talab/tolob,talab/tolob,tlob|ضرب,ضرب,ضرب=darab,darab,drab
طبخ,طبخ,طبخ=taba5,taba5,tbo5|فتح,فتح,فتح=fata7,fata7,fta7|قفل,قفل,قفل=2afal,2afal,2fel|دفع,دفع,دفع=dafa3,dafa3,dfa3|حجز,حجز,حجز=7agaz,7agaz,7gez
بعت,بعت,بعت=ba3at,ba3at,b3at|قعد,قعد,قعد=2a3ad,2a3ad,23od|دخل,دخل,دخل=da5al,da5al,d5ol|خرج,خرج,خرج=5arag,5arag,5rog|حصل,حصل,حصل=7asal,7asal,7sal
وصل,وصل,وصل=wesel,wesel,wsal|نزل,نزل,نزل=nezel,nezel,nzel|طلع,طلع,طلع=tele3,tele3,tla3|رجع,رجع,رجع=rege3,rege3,rga3|فهم,فهم,فهم=fehem,fehem,fham
عرف,عرف,عرف=3eref,3eref,3raf|سمع,سمع,سمع=seme3,seme3,sma3|شرب,شرب,شرب=shereb,shereb,shrab|لبس,لبس,لبس=lebes,lebes,lbes|لعب,لعب,لعب=le3eb,le3eb,l3ab
مسك,مسك,مسك=mesek,mesek,msek|ركب,ركب,ركب=rekeb,rekeb,rkab|صرف,صرف,صرف=saraf,saraf,sref|نقل,نقل,نقل=na2al,na2al,n2el|ساب,سب,سيب=sab,seb,seeb
خسر,خسر,خسر=5eser,5eser,5sar|كسب,كسب,كسب=keseb,keseb,ksab|سكن,سكن,سكن=seken,seken,skon|حلم,حلم,حلم=7elem,7elem,7lam|قدر,قدر,قدر=2eder,2eder,2dar
نجح,نجح,نجح=nega7,nega7,nga7|فشل,فشل,فشل=feshel,feshel,fshal|تعب,تعب,تعب=te3eb,te3eb,t3ab|زهق,زهق,زهق=zehe2,zehe2,zha2|ضحك,ضحك,ضحك=de7ek,de7ek,d7ak
عجب,عجب,عجب=3agab/3ageb,3agab,3geb|وجع,وجع,وجع=waga3,waga3,wga3|حفظ,حفظ,حفظ=7efez,7efez,7faz|غسل,غسل,غسل=8asal,8asal,8sel|قطع,قطع,قطع=2ata3,2ata3,2ta3
صبر,صبر,صبر=sabar,sabar,sbor|طرد,طرد,طرد=tarad,tarad,trod|ظبط,ظبط,ظبط=zabat,zabat,zbot|مضى,مضي,مضي=mada,madi,mdi|رفض,رفض,رفض=rafad,rafad,rfod|فضل,فضل,فضل=fedel,fedel,fdal
شاف,شف,شوف=shaf,shof,shoof|راح,رح,روح=ra7,ro7,roo7|قال,قل,قول=2al,2ol,2ool|جاب,جب,جيب=gab,geb,geeb|نام,نم,نام=nam,nem,nam|كان,كن,كون=kan,kon,koon
باع,بع,بيع=ba3,be3,bee3|خاف,خف,خاف=5af,5of,5af|زار,زر,زور=zar,zor,zoor|عاش,عش,عيش=3ash,3esh,3eesh|شال,شل,شيل=shal,shel,sheel|ضاع,ضع,ضيع=da3,de3,dee3
طار,طر,طير=tar,ter,teer|صام,صم,صوم=sam,som,soom|عام,عم,عوم=3am,3om,3oom|فات,فت,فوت=fat,fot,foot|مات,مت,موت=mat,mot,moot|داق,دق,دوق=da2,do2,doo2
مشي,مشي,مشي=meshy,meshi,mshy|نسي,نسي,نسى=nesy,nesi,nsa|قرا,قري,قرا=2ara,2ari,2ra|لقى,لقي,لاقي=la2a,la2i,la2y|حكى,حكي,حكي=7aka,7aki,7ky|بكى,بكي,بكي=baka,baki,bky
رمى,رمي,رمي=rama,rami,rmy|جري,جري,جري=gery,geri,gry|بدأ,بدأ,بدأ=bada2,bada2,bda2|صحي,صحي,صحى=se7y,se7i,s7a|رضي,رضي,رضى=redy,redi,rda|طفى,طفي,طفي=taffa,taffi,taffi
حب,حبي,حب=7abb,7abbi,7ebb|رد,ردي,رد=radd,raddi,rodd|حط,حطي,حط=7att,7atti,7ott|بص,بصي,بص=bass,bassi,boss|حس,حسي,حس=7ass,7assi,7ess|عد,عدي,عد=3add,3addi,3edd
شد,شدي,شد=shadd,shaddi,shedd|لف,لفي,لف=laff,laffi,leff|صب,صبي,صب=sabb,sabbi,sobb|شم,شمي,شم=shamm,shammi,shemm|ظن,ظني,ظن=zann,zanni,zonn
اتكلم,اتكلم,تكلم=etkallem,etkallem,tkallem|اتفرج,اتفرج,تفرج=etfarrag,etfarrag,tfarrag|اتعلم,اتعلم,تعلم=et3allem,et3allem,t3allem|اتجوز,اتجوز,تجوز=etgawwez,etgawwez,tgawwez
اتقابل,اتقابل,تقابل=et2abel,et2abel,t2abel|اتعامل,اتعامل,تعامل=et3amel,et3amel,t3amel|اتأخر,اتأخر,تأخر=et2a55ar/eta55ar,et2a55ar/eta55ar,t2a55ar/ta55ar|اتصرف,اتصرف,تصرف=etsarraf,etsarraf,tsarraf
اتضايق,اتضايق,تضايق=etday2/etdaye2,etday2/etdaye2,tday2/tdaye2|اتخانق,اتخانق,تخانق=et5ane2,et5ane2,t5ane2|اتفق,اتفق,تفق=ettafa2,ettafa2,ttefe2|اتصل,اتصل,تصل=ettasal,ettasal,ttesel
اشتغل,اشتغل,شتغل=eshta8al,eshta8al,shta8al|احتاج,احتج,حتاج=e7tag,e7tag,7tag|افتكر,افتكر,فتكر=eftakar,eftakar,ftekr|اختار,اختر,ختار=e5tar,e5tar,5tar
استعمل,استعمل,ستعمل=esta3mel,esta3mel,sta3mel|استخدم,استخدم,ستخدم=esta5dem,esta5dem,sta5dem|استلم,استلم,ستلم=estalam,estalam,stelm|استغرب,استغرب,ستغرب=esta8rab,esta8rab,sta8rab
اشترى,اشتري,شتري=eshtara,eshtari,shtry|انتظر,انتظر,نتظر=entazar,entazar,ntazer|سافر=safer|ساعد=sa3ed|قابل=2abel|حاول=7awel|ذاكر=zaker|وافق=wafe2|راجع=rage3/rag3
شارك=sharek|ناقش=na2esh|حافظ=7afez|خاصم=5asem|صاحب=sa7eb|ضايق=dayi2/daye2|طالب=taleb|ظاهر=zaher|ناول=nawel|جاوب=gaweb|فاصل=fasel|عاكس=3akes
`;

/** The stems of one verb in Arabic, and the spellings of each in Franco. */
export interface VerbStem {
  readonly arabic: string;
  readonly franco: readonly string[];
}

/** Stem of the past without a suffix, of the past before a suffix, and of the present. */
export interface Verb {
  readonly past: VerbStem;
  readonly pastBeforeSuffix: VerbStem;
  readonly present: VerbStem;
}

function stems(arabic: string, franco: string): Verb {
  const [past = '', before = past, present = past] = arabic.split(',');
  const [francoPast = '', francoBefore = francoPast, francoPresent = francoPast] = franco.split(',');
  const stem = (letters: string, spellings: string): VerbStem => ({
    arabic: letters,
    franco: spellings.split('/'),
  });
  return {
    past: stem(past, francoPast),
    pastBeforeSuffix: stem(before, francoBefore),
    present: stem(present, francoPresent),
  };
}

export const VERBS: readonly Verb[] = LINES.trim()
  .split(/[|\n]/)
  .map((entry) => {
    const [arabic = '', franco = ''] = entry.split('=');
    return stems(arabic, franco);
  });
