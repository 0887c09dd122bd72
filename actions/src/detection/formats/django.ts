/** Django's `manage.py migrate`: `  Applying auth.0009_alter_user_last_name_max_length... OK`, on standard output, without a time. */
import { clue } from "../clue.ts";
import { type Format, NOTHING, reading, sighting } from "./format.ts";

// The dots come first and the end of the line when it is done; a failure leaves a line without one.
const STEP = /^ {2}(Applying|Unapplying) ([\w.]{1,200})\.\.\.( FAKED| OK)?/;

export const django: Format = {
  name: "django",
  clues: [clue("migration-ran", ["applying "])],
  read(text) {
    if (text.charCodeAt(0) !== 0x20) return null;
    const step = STEP.exec(text);
    if (step === null) return null;
    if (step[3] === " FAKED") return reading(null, NOTHING);
    const migration = step[1] === "Unapplying" ? `${step[2]} undone` : (step[2] ?? null);
    return reading(null, [sighting("migration-ran", "migration-tool", { migration })]);
  },
};
