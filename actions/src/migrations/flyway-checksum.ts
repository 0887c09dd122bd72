/** What Flyway keeps of a file in its history: CRC-32 over its lines without their ends, as Java's signed number. */
export function flywayChecksum(text: string): number {
  const lines = text.replace(/^\ufeff/, "").split(/\r\n|\r|\n/);
  let rest = 0xffffffff;
  for (const byte of new TextEncoder().encode(lines.join(""))) rest = (TABLE[(rest ^ byte) & 0xff] ?? 0) ^ (rest >>> 8);
  return ~rest | 0;
}

const TABLE = Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? 0xedb88320 ^ (value >>> 1) : value >>> 1;
  return value;
});
