import { expect, test } from "vitest";
import { tellLines } from "../tell-lines.ts";

test("SQL that an application prints: in one line, over several, through p6spy", () => {
  expect(tellLines("Hibernate: delete from order_item where order_id=?")).toMatchObject([
    { kind: "row-deleted", table: "order_item", destructive: false },
  ]);
  expect(tellLines("Hibernate: \n    delete \n    from\n        order_item \n    where\n        order_id=?")).toMatchObject([
    { table: "order_item", destructive: false },
  ]);
  const head = `2025-11-10T07:35:12.810Z  INFO 1 --- [app] [nio-8080-exec-9] ${"p6spy".padEnd(40)} : `;
  expect(
    tellLines(`${head}1762592400007|3|statement|connection 4|url jdbc:x|delete from a where b=?|delete from a where b=1`),
  ).toMatchObject([{ table: "a" }]);
  expect(tellLines(`${head}1762592400007|3|rollback|connection 4|url jdbc:x||`)).toEqual([]);
});
