import { expect, test } from "vitest";
import { tellLines } from "../tell-lines.ts";

const said = "Deleted 3 orders by admin 'ada'";

test.each([
  `2017-08-08 17:12:31.978  INFO 19866 --- [ost-startStop-1] c.e.OrderService                         : ${said}`,
  `2024-03-01T10:00:00.123+01:00  INFO 7 --- [nio-8080-exec-1] com.acme.OrderService                    : ${said}`,
  `2025-11-10T07:00:02.438Z  INFO 1 --- [billing] [           main] com.acme.OrderService                    : ${said}`,
  `2025-12-05T09:00:03.067+01:00  INFO 7 --- [api] [           main] [                                                 ] com.acme.OrderService                    : ${said}`,
  `2019-08-30 12:30:04.031 user:someone INFO 22174 --- [  nio-8080-exec-0] demo.Controller                          : ${said}`,
  `\u001b[2m2025-11-10T07:00:02.438Z\u001b[0;39m \u001b[32m INFO\u001b[0;39m \u001b[35m1\u001b[0;39m \u001b[2m--- [billing] [           main] \u001b[0;39m\u001b[36mcom.acme.OrderService                   \u001b[0;39m \u001b[2m:\u001b[0;39m ${said}`,
])("%s", (line) => {
  expect(tellLines(line)).toMatchObject([{ kind: "row-deleted", rows: 3, table: "orders", actor: "ada", admin: true }]);
});

test("a stack trace is part of its record", () => {
  const log = [
    "2025-11-10T07:38:37.266Z ERROR 1 --- [billing] [nio-8080-exec-3] o.a.c.c.C.[.[.[/].[dispatcherServlet]    : Servlet.service() threw exception",
    "",
    "java.lang.IllegalStateException: could not delete user 'bob'",
    "\tat SpringLines.main(SpringLines.java:35)",
    "Caused by: java.lang.RuntimeException: delete from invoice",
  ];
  expect(tellLines(log.join("\n"))).toEqual([]);
});
