/** The request header that adds the assistant's persona, for any model name. */
export const PERSONA_HEADER = 'X-Kallemni-Persona';
