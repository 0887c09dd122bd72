import { expect, test } from "vitest";
import { isAdminPath, readRequest } from "./request.ts";

const told = (line: string) => {
  const [method = "", path = "", status] = line.split(" ");
  const found = readRequest({ method, path, status: Number(status), user: null });
  return found === null ? null : found.table === null ? found.kind : `${found.kind} ${found.table}`;
};

test.each([
  ["POST /login 401", "auth-failed"],
  ["POST /api/v1/auth/login 401", "auth-failed"],
  ["POST /login?next=/ 302", "auth-succeeded"],
  ["POST /oauth/token 401", "auth-failed"],
  ["POST /account/password 200", "password-changed"],
  ["PUT /api/users/7/password 204", "password-changed"],
  ["POST /reset/852395744b1e943e 200", "password-changed"],
  ["POST /reset/MQ/set-password/ 302", "password-changed"],
  ["POST /admin/auth/user/5/password/ 302", "password-changed"],
  ["POST /admin/users 201", "user-created"],
  ["POST /register 302", "user-created"],
  ["POST /admin/auth/user/add/ 302", "user-created"],
  ["DELETE /api/orders/1 204", "row-deleted orders"],
  ["POST /users/5/delete 302", "row-deleted users"],
  ["POST /admin/user/delete/ 302", "row-deleted user"],
  ["DELETE /api/v2/customers/abc 200", "row-deleted customers"],
  ["POST /admin/override 200", "override-on"],
  ["DELETE /admin/override 204", "override-off"],
])("%s: %s", (line, expected) => {
  expect(told(line)).toBe(expected);
});

test.each([
  "GET /users/5/delete 200",
  "GET /login 200",
  "POST /reset 200",
  "POST /forgot-password 200",
  "POST /password_reset/ 302",
  "POST /reset_password_request 302",
  "POST /account/password 403",
  "POST /admin/users 422",
  "POST /devices/register 201",
  "DELETE /api/session 204",
  "DELETE /api/orders/1 404",
  "POST /users/search 200",
  "POST /logout 302",
  "POST /comment?text=/users/5/delete 200",
])("nothing: %s", (line) => {
  expect(told(line)).toBeNull();
});

test("a user name of HTTP authentication that is refused is a failed login, whatever was asked for", () => {
  expect(readRequest({ method: "GET", path: "/api", status: 401, user: "bob" })?.kind).toBe("auth-failed");
  expect(readRequest({ method: "GET", path: "/api", status: 401, user: null })).toBeNull();
});

test("an administrator's door is a configured prefix or a segment that says so, not a part of a word or of the query", () => {
  expect(isAdminPath("/api/v1/admin/users", [])).toBe(true);
  expect(isAdminPath("/ops/users", ["/ops/"])).toBe(true);
  expect(isAdminPath("/administer", [])).toBe(false);
  expect(isAdminPath("/users?next=/admin/", [])).toBe(false);
});
