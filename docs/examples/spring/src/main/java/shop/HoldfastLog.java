package shop;

import jakarta.servlet.http.HttpServletRequest;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.springframework.web.context.request.RequestContextHolder;
import org.springframework.web.context.request.ServletRequestAttributes;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.json.JsonWriteFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * Tells Holdfast what happened: one line of JSON on standard output for each occurrence, in its log contract.
 *
 * Copy this file into your application; it needs Spring Web and Jackson. Call `record` right after the thing was done (after the commit), once for each
 * thing. What makes the difference between a disaster and a plan is said here and nowhere else: an actor's role, and `overrideOn` with a reason and an
 * end. Never pass a password, a hash or a token: a log is read by more people than a database.
 */
public final class HoldfastLog {
    /** Somebody who did something, or to whom it was done; what is null is left out. */
    public record Person(String id, String name, List<String> roles) {}

    private record Filing(String category, List<String> types, String outcome) {}

    /** What there is to say, and how ECS files it. Holdfast counts by `event.action`. */
    private static final Map<String, Filing> EVENTS = Map.of(
        "auth-failed", new Filing("authentication", List.of("start"), "failure"),
        "auth-succeeded", new Filing("authentication", List.of("start"), "success"),
        "password-changed", new Filing("iam", List.of("user", "change"), "success"),
        "user-created", new Filing("iam", List.of("user", "creation"), "success"),
        "row-deleted", new Filing("database", List.of("deletion"), "success"),
        "override-on", new Filing("configuration", List.of("change"), "success"),
        "override-off", new Filing("configuration", List.of("change"), "success"));

    // Newlines, control characters and their like in other alphabets are escaped, so no name that a user chose can forge a second line.
    private static final JsonMapper JSON = JsonMapper.builder(JsonFactory.builder().enable(JsonWriteFeature.ESCAPE_NON_ASCII).build()).build();

    private HoldfastLog() {}

    public static void record(String action, Person actor, Person target) {
        write(action, actor, target, Map.of());
    }

    public static void record(String action, Person actor, Person target, int rows, String table) {
        write(action, actor, target, Map.of("rows", rows, "table", table));
    }

    /** From now until `expires` this is meant to happen. Holdfast counts what it hides. */
    public static void overrideOn(String reason, Instant expires, Person actor) {
        write("override-on", actor, null, Map.of("override", Map.of("on", true, "reason", reason, "expires", expires.toString())));
    }

    public static void overrideOff(String reason, Person actor) {
        write("override-off", actor, null, Map.of("override", Map.of("on", false, "reason", reason)));
    }

    private static void write(String action, Person actor, Person target, Map<String, ?> more) {
        Filing filing = EVENTS.get(action);
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("@timestamp", Instant.now().truncatedTo(ChronoUnit.MILLIS).toString());
        line.put("message", action);
        line.put("event", Map.of("action", action, "category", List.of(filing.category()), "type", filing.types(), "outcome", filing.outcome()));
        Map<String, Object> user = told(actor);
        if (target != null) user.put("target", told(target));
        if (!user.isEmpty()) line.put("user", user);
        if (RequestContextHolder.getRequestAttributes() instanceof ServletRequestAttributes attributes) {
            HttpServletRequest request = attributes.getRequest();
            // Behind a proxy this is the proxy, unless server.forward-headers-strategy says otherwise.
            line.put("client", Map.of("ip", request.getRemoteAddr()));
            line.put("http", Map.of("request", Map.of("id", requestId(request))));
        }
        if (!more.isEmpty()) line.put("holdfast", more);
        System.out.println(JSON.writeValueAsString(line));
    }

    private static Map<String, Object> told(Person person) {
        Map<String, Object> told = new LinkedHashMap<>();
        if (person == null) return told;
        if (person.id() != null) told.put("id", person.id());
        if (person.name() != null) told.put("name", person.name());
        if (person.roles() != null) told.put("roles", person.roles());
        return told;
    }

    private static String requestId(HttpServletRequest request) {
        if (request.getAttribute("holdfast.request") == null) request.setAttribute("holdfast.request", UUID.randomUUID().toString());
        return (String) request.getAttribute("holdfast.request");
    }
}
