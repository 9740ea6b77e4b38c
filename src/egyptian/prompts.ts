/**
 * Texts that steer the models towards Egyptian. They were written for this service from the facts of the dialect and are to
 * be checked by a native speaker; docs/egyptian.md says which of them have been measured.
 */

/** How Egyptian and English go together in a spoken reply; part of a system prompt. */
export const CODE_SWITCHING_POLICY = [
  'اكتب بالعامية المصرية وبالحروف العربية.',
  'الكلمات الإنجليزية اللي المصريين بيقولوها في كلامهم اكتبها زي ما بتتنطق بالعربي: موبايل، واتساب، أونلاين.',
  'أسماء المنتجات والمصطلحات اللي مالهاش نطق عربي معروف سيبها بالإنجليزي زي ما هي.',
  'ماتخلطش لغتين في جملة واحدة غير لو مفيش حل تاني.',
  'لو المستخدم كتب فرانكو أو إنجليزي، رد عليه بالمصري بالحروف العربية.',
].join(' ');

/** Asks a model once more for a reply that was too formal. The reply itself goes before it as the assistant's turn. */
export const TOO_FORMAL_CORRECTION = [
  'الرد ده طلع فصحى. قوله تاني بالعامية المصرية القاهرية، بنفس المعنى ومن غير أي كلام زيادة.',
  'ماتستعملش: سوف، لن، لم، ليس، الذي، التي، هذا، هذه، ماذا، لماذا، كيف، الآن، يجب، هل.',
  'استعمل مكانهم: هـ، مش هـ، ما…ش، مش، اللي، ده، دي، إيه، ليه، إزاي، دلوقتي، لازم.',
].join(' ');
