import fc from 'fast-check';

/** Every run tries the same cases, so that a failure is one that anybody can repeat. */
fc.configureGlobal({ seed: 20_261_121 });
