/** What the prompt does to a text: nothing but its style may come from it. */
export function withoutPrompt(text: string, prompt: string | undefined): string {
  const said = prompt?.trim() ?? '';
  if (said === '' || !text.startsWith(said)) return text;
  return text.slice(said.length).replace(/^[\s.,،؛;:!؟?]+/u, '');
}
