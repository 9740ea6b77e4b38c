/** Asks for the assistant's persona, whatever the model is called. */
export const PERSONA_HEADER = 'X-Kallemni-Persona';
