export type IdKind = 'event' | 'sess' | 'conv' | 'item' | 'resp' | 'call';

/** Makes ids such as `item_…`. Ids of a session never repeat. */
export type NewId = (kind: IdKind) => string;
