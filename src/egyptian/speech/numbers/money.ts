import { count, type Counted } from './counting.js';
import { PIASTRE } from './noun-lists.js';
import { fractionWord, readQuantity, type Quantity, type Scale } from './quantity.js';

/** A unit of money and the small coin that its hundredths are read in. */
export interface Currency {
  readonly singular: string;
  readonly coin: Counted;
}

const coin = (singular: string): Counted => ({ kind: 'measure', singular });
const pound: Currency = { singular: 'جنيه', coin: { kind: 'inflected', forms: PIASTRE } };
const dollar: Currency = { singular: 'دولار', coin: coin('سنت') };
const euro: Currency = { singular: 'يورو', coin: coin('سنت') };
const sterling: Currency = { singular: 'جنيه إسترليني', coin: coin('بنس') };
const riyal: Currency = { singular: 'ريال', coin: coin('هللة') };
const dirham: Currency = { singular: 'درهم', coin: coin('فلس') };
const dinar: Currency = { singular: 'دينار', coin: coin('فلس') };

const named = (currency: Currency, names: string): [string, Currency][] =>
  names.split(' ').map((name) => [name, currency]);

/** Signs and codes, which may stand before the number as well. Upper case. */
export const CURRENCY_CODES: ReadonlyMap<string, Currency> = new Map([
  ...named(pound, 'EGP LE E£ ج.م'),
  ...named(dollar, '$ USD US$'),
  ...named(euro, '€ EUR'),
  ...named(sterling, '£ GBP'),
  ...named(riyal, 'SAR'),
  ...named(dirham, 'AED'),
  ...named(dinar, 'KWD'),
]);

/** Names, which stand after the number; plurals go back to the singular. */
export const CURRENCY_NAMES: ReadonlyMap<string, Currency> = new Map([
  ...named(pound, 'جنيه جنيهات جنية جنيهاً جنيها'),
  ...named(dollar, 'دولار دولارات دولاراً'),
  ...named(euro, 'يورو يوروهات'),
  ...named(riyal, 'ريال ريالات'),
  ...named(dirham, 'درهم دراهم'),
  ...named(dinar, 'دينار دنانير'),
]);

/** Hundredths as a whole number of coins; undefined when the decimals are finer. */
function coinsIn(quantity: Quantity): number | undefined {
  const significant = quantity.decimals.replace(/0+$/, '');
  return significant.length > 2 ? undefined : Number(significant.padEnd(2, '0'));
}

/** An amount of money: اتناشر جنيه ونص, تسعتاشر جنيه وتسعة وتسعين قرش, نص جنيه. */
export function readMoney(quantity: Quantity, currency: Currency, scale?: Scale): string {
  const unit: Counted = { kind: 'measure', singular: currency.singular };
  const fraction = fractionWord(quantity);
  const hasCoins = quantity.decimals !== '' && (fraction === undefined || fraction === 'تلات تربع');
  const coins = hasCoins && scale === undefined ? coinsIn(quantity) : undefined;
  if (coins === undefined) return readQuantity(quantity, unit, scale);
  const small = count(coins, currency.coin);
  if (Number(quantity.whole) === 0) return small;
  if (Number(quantity.whole) === 1) return `${currency.singular} و${small}`;
  return `${readQuantity({ whole: quantity.whole, decimals: '' }, unit)} و${small}`;
}
