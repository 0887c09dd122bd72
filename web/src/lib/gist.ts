// What a headline can hold before it is no headline any more.
const LONGEST = 90;

/** A long sentence up to its first colon: names and details follow it, and stand in full where the reasons are listed. */
export function gist(sentence: string): string {
  const [first = sentence] = sentence.split(": ", 1);
  return sentence.length <= LONGEST || first === sentence ? sentence : `${first}.`;
}
