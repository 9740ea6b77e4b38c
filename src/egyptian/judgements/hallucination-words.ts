/** Vocabularies in the search form (unified letters, lower case): a text made of one of them alone was invented. */
const words = (text: string): ReadonlySet<string> => new Set(text.split(' '));

/** Names that no user says and every recogniser knows. */
export const ALWAYS_INVENTED = ['نانسي قنقر', 'amara org'];

export const CREDIT_WORDS = words(
  'ترجمه مترجمه المترجمه الترجمه ترجمات المترجم تدقيق التدقيق تنسيق اعداد تعديل توقيت مراجعه من بواسطه قبل فريق الفريق العمل نانسي قنقر ' +
    'امارا تم تمت التفريغ تفريغ ل علي subtitles subtitle subtitled captions caption captioned transcript transcribed translated translation by the ' +
    'amara org community of www http https',
);

export const CHANNEL_WORDS = words(
  'اشترك اشتركوا اشتركي الاشتراك بالاشتراك اشتراك تشترك تشتركوا في فى ب القناه قناه قناتي قناتنا بالقناه للقناه بقناتنا لا ما تنسوا تنسو تنسي تنس تنساش متنسوش ' +
    'متنساش ماتنسوش ماتنساش نسيان تفعيل بتفعيل فعل فعلوا فعلي الجرس جرس زر علي ليصلكم ليصلك يصلكم يصلك كل جديد الجديد جديدنا الاعجاب ' +
    'بالاعجاب اعجاب لايك اللايك لايكات شير الشير مشاركه المشاركه شارك شاركوا كومنت تعليق التعليق الفيديو فيديو للفيديو المقطع الفيديوهات ' +
    'اضغط اضغطوا اضغطي دوس دوسوا اعمل اعملوا حط حطوا سبسكرايب يوتيوب اليوتيوب لدعم دعم لدعمنا دعمكم ودعم هذا هذه الي الان لتصلكم لتصلك ' +
    'الاشعارات اشعارات اشعار التنبيهات جميع وصول لمتابعه متابعه المزيد مزيد من شكرا لكم',
);

export const THANKS_WORDS = words(
  'شكرا الشكر جزيلا كثيرا جزيل نشكركم اشكركم متشكرين لكم لكن لك ليكم علي ل حسن لحسن المشاهده للمشاهده مشاهده مشاهدتكم لمشاهدتكم مشاهدتك ' +
    'لمشاهدتك المتابعه للمتابعه متابعه متابعتكم لمتابعتكم متابعتك لمتابعتك استماعكم لاستماعكم جميعا اليوم هذا هذه الفيديو الحلقه لهذا لهذه ' +
    'الي اللقاء نلقاكم نراكم اراكم في القادم القادمه المره الحلقات والي',
);

export const ENGLISH_CALL_WORDS = words(
  'please don t dont do not forget to like and subscribe subscribing my our the this channel video videos share comment hit bell button for more ' +
    'thanks thank you so much very all guys everyone watching viewing following see next in time bye i ll we will a click press notification ' +
    'icon us me on youtube if liked enjoyed it remember be sure make',
);

export const CAPTIONS = words(
  'موسيقي الموسيقي تصفيق ضحك ضحكات تصفير هتاف music applause laughter laughs laughing clapping cheering musique',
);

export const ADJECTIVES = words(
  'حار حاره مستمر متواصل عالي عاليه شديد خفيف خفيفه حاد الجمهور جماهيري صاخب صاخبه هادي هاديه هاديءه حزين حزينه سريع سريعه بطيئه حماسي مرحه ' +
    'خلفيه تصويريه كلاسيك قويه جميله غامضه',
);

export const ENGLISH_ADJECTIVES = words(
  'soft upbeat dramatic sad happy gentle background intense ambient classical tense piano rock slow fast light loud calm relaxing suspenseful ' +
    'eerie romantic electronic cheerful quiet solemn ominous uplifting inspirational',
);
