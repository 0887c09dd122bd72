/** SQL that an application logs: Hibernate's logger under any layout, `spring.jpa.show-sql` without a head, p6spy. */
import { type Clue, clue } from "../clue.ts";
import { SQL_KINDS } from "../grammar/sql.ts";
import { type Format, NOTHING, reading, type Sighting } from "./format.ts";
import { tellStatement } from "./statement.ts";

const SQL_LOGGER =
  /(?:^|\.)hibernate\.SQL$|^o\.h\.SQL$|^p6spy$|(?:^|\.)jdbc\.(?:sqlonly|sqltiming|core\.(?:JdbcTemplate|StatementCreatorUtils))$|^sqlalchemy\.engine(?:\.|$)/;
const JDBC_TEMPLATE = /^Executing prepared SQL (?:update|statement) \[/;

/** Formatted, the statement stands on the lines that follow the logger's. */
export const SQL_LOGGER_CLUES: readonly Clue[] = [
  clue(SQL_KINDS, ["hibernate.sql", "o.h.sql", "p6spy", "jdbc.sqlonly", "jdbc.sqltiming", "jdbc.core.", "sqlalchemy.engine"]),
];

/** Null: the logger does not log statements. */
export function tellSqlLogger(logger: string | null, message: string): readonly Sighting[] | null {
  if (logger === null || !SQL_LOGGER.test(logger)) return null;
  const statement = JDBC_TEMPLATE.test(message) ? message.slice(message.indexOf("[") + 1) : p6spy(message);
  return tellStatement(statement, { teller: "statement", actor: null, ip: null, session: null });
}

/** p6spy's single line: `now|elapsed|category|connection N|url U|prepared|sql`; anything else as it is. */
function p6spy(message: string): string {
  const parts = message.split("|");
  return parts.length >= 6 && /^\d+$/.test(parts[1] ?? "")
    ? parts[2] === "statement"
      ? parts.slice(parts.length > 6 ? 6 : 5).join("|")
      : ""
    : message;
}

export const hibernate: Format = {
  name: "hibernate",
  clues: [clue(SQL_KINDS, ["hibernate:"])],
  read(text) {
    if (!text.startsWith("Hibernate: ") && text !== "Hibernate:") return null;
    const sql = text.slice(11);
    // Formatted, the statement stands on the lines that follow.
    if (sql.trim() === "") return reading(null, NOTHING, { waits: true });
    return reading(null, tellStatement(sql, { teller: "statement", actor: null, ip: null, session: null }));
  },
};
