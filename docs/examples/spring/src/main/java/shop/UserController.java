package shop;

import static org.springframework.http.HttpStatus.BAD_REQUEST;
import static org.springframework.http.HttpStatus.CONFLICT;
import static org.springframework.http.HttpStatus.FORBIDDEN;
import static org.springframework.http.HttpStatus.NOT_FOUND;
import static org.springframework.http.HttpStatus.NO_CONTENT;
import static org.springframework.http.HttpStatus.UNAUTHORIZED;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpSession;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.security.crypto.password.PasswordEncoder;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.server.ResponseStatusException;
import shop.Users.User;

/** Every answer and every request body is JSON. What Holdfast has to know is told through HoldfastLog, after the commit. */
@RestController
public class UserController {
    /** What the encoder makes, of now and of earlier versions. */
    private static final Pattern HASH = Pattern.compile("\\{bcrypt}\\$2[aby]\\$\\d\\d\\$[./A-Za-z0-9]{53}");
    /** bcrypt reads no more of a password than this. */
    private static final int PASSWORD_BYTES = 72;

    private final Users users;
    private final PasswordEncoder passwords;
    /** Compared with where there is no such user, so that the time of an answer does not tell who has an account. */
    private final String nobody;

    UserController(Users users, PasswordEncoder passwords) {
        this.users = users;
        this.passwords = passwords;
        this.nobody = passwords.encode("nobody's password");
    }

    @PostMapping("/register")
    @ResponseStatus(HttpStatus.CREATED)
    Map<String, Integer> register(@RequestBody Map<String, Object> body, HttpSession session) {
        try {
            User user = users.add(text(body, "name", 80), passwords.encode(password(body, "password")), "customer");
            HoldfastLog.record("user-created", signedIn(session).orElse(user).told(), user.told());
            return Map.of("id", user.id());
        } catch (DuplicateKeyException taken) {
            throw new ResponseStatusException(CONFLICT, "That name is taken");
        }
    }

    @PostMapping("/login")
    Map<String, Integer> login(@RequestBody Map<String, Object> body, HttpServletRequest request) {
        String name = text(body, "name", 255);
        Optional<User> user = users.byName(name);
        if (!passwords.matches(text(body, "password", 255), user.map(User::passwordHash).orElse(nobody)) || user.isEmpty()) {
            HoldfastLog.record("auth-failed", new HoldfastLog.Person(null, name, null), null);
            throw new ResponseStatusException(UNAUTHORIZED, "Unknown name or wrong password");
        }
        request.getSession().invalidate();
        request.getSession().setAttribute("user", user.get().id());
        HoldfastLog.record("auth-succeeded", user.get().told(), null);
        return Map.of("id", user.get().id());
    }

    @PostMapping("/logout")
    @ResponseStatus(NO_CONTENT)
    void logout(HttpSession session) {
        session.invalidate();
    }

    @PutMapping("/account/password")
    @ResponseStatus(NO_CONTENT)
    void changePassword(@RequestBody Map<String, Object> body, HttpSession session) {
        User user = mustBeSignedIn(session);
        if (!passwords.matches(text(body, "current", 255), user.passwordHash()))
            throw new ResponseStatusException(FORBIDDEN, "The current password is another one");
        users.setPassword(user, passwords.encode(password(body, "password")));
        HoldfastLog.record("password-changed", user.told(), user.told(), 1, "users");
    }

    @DeleteMapping("/account")
    @ResponseStatus(NO_CONTENT)
    void deleteAccount(HttpSession session) {
        User user = mustBeSignedIn(session);
        delete(user, user);
        session.invalidate();
    }

    @GetMapping("/admin/users")
    List<HoldfastLog.Person> list(HttpSession session) {
        mustBeAdmin(session);
        return users.all().stream().map(User::told).toList();
    }

    /** `password` is hashed; `hashed_password`, which a backup held, is stored as it is: hashed again, it would lock its owner out. */
    @PutMapping("/admin/users/{id}/password")
    @ResponseStatus(NO_CONTENT)
    void setPassword(@PathVariable int id, @RequestBody Map<String, Object> body, HttpSession session) {
        User admin = mustBeAdmin(session);
        if (body.containsKey("password") == body.containsKey("hashed_password"))
            throw new ResponseStatusException(BAD_REQUEST, "Give either password or hashed_password");
        String stored;
        if (body.containsKey("password")) {
            stored = passwords.encode(password(body, "password"));
        } else {
            stored = text(body, "hashed_password", 255);
            if (!HASH.matcher(stored).matches())
                throw new ResponseStatusException(BAD_REQUEST, "hashed_password is not a hash that this application could have stored");
        }
        User user = users.byId(id).orElseThrow(() -> new ResponseStatusException(NOT_FOUND, "There is no user " + id));
        users.setPassword(user, stored);
        HoldfastLog.record("password-changed", admin.told(), user.told(), 1, "users");
    }

    @DeleteMapping("/admin/users/{id}")
    @ResponseStatus(NO_CONTENT)
    void deleteUser(@PathVariable int id, HttpSession session) {
        User admin = mustBeAdmin(session);
        delete(users.byId(id).orElseThrow(() -> new ResponseStatusException(NOT_FOUND, "There is no user " + id)), admin);
    }

    /** What follows is meant to happen, for this reason and no longer than this. */
    @PutMapping("/admin/override")
    Map<String, String> declareOverride(@RequestBody Map<String, Object> body, HttpSession session) {
        User admin = mustBeAdmin(session);
        if (!(body.get("minutes") instanceof Integer minutes) || minutes < 1 || minutes > 240)
            throw new ResponseStatusException(BAD_REQUEST, "minutes: a whole number from 1 to 240");
        Instant expires = Instant.now().plus(Duration.ofMinutes(minutes)).truncatedTo(ChronoUnit.MILLIS);
        HoldfastLog.overrideOn(text(body, "reason", 255), expires, admin.told());
        return Map.of("expires", expires.toString());
    }

    @DeleteMapping("/admin/override")
    @ResponseStatus(NO_CONTENT)
    void liftOverride(@RequestBody Map<String, Object> body, HttpSession session) {
        HoldfastLog.overrideOff(text(body, "reason", 255), mustBeAdmin(session).told());
    }

    @ExceptionHandler(ResponseStatusException.class)
    ResponseEntity<Map<String, String>> asJson(ResponseStatusException refused) {
        return ResponseEntity.status(refused.getStatusCode()).body(Map.of("error", String.valueOf(refused.getReason())));
    }

    private void delete(User user, User actor) {
        int rows = users.delete(user);
        if (rows > 0) HoldfastLog.record("row-deleted", actor.told(), user.told(), rows, "users");
    }

    private Optional<User> signedIn(HttpSession session) {
        return Optional.ofNullable((Integer) session.getAttribute("user")).flatMap(users::byId);
    }

    private User mustBeSignedIn(HttpSession session) {
        return signedIn(session).orElseThrow(() -> new ResponseStatusException(UNAUTHORIZED, "Log in first"));
    }

    private User mustBeAdmin(HttpSession session) {
        User user = mustBeSignedIn(session);
        if (!user.role().equals("admin")) throw new ResponseStatusException(FORBIDDEN, "Administrators only");
        return user;
    }

    /** A field of the request's body. Its value appears in no message: it may be a password. */
    private static String text(Map<String, Object> body, String field, int longest) {
        if (body.get(field) instanceof String value && !value.isEmpty() && value.length() <= longest) return value;
        throw new ResponseStatusException(BAD_REQUEST, field + ": a text of 1 to " + longest + " characters");
    }

    private static String password(Map<String, Object> body, String field) {
        String value = text(body, field, PASSWORD_BYTES);
        if (value.getBytes(StandardCharsets.UTF_8).length <= PASSWORD_BYTES) return value;
        throw new ResponseStatusException(BAD_REQUEST, field + ": at most " + PASSWORD_BYTES + " bytes");
    }
}
