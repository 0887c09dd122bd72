package shop;

import java.util.List;
import java.util.Optional;
import org.springframework.jdbc.core.simple.JdbcClient;

/** The table `users`. */
public record Users(JdbcClient database) {
    public record User(int id, String name, String passwordHash, String role) {
        /** As log and answers name it: never more than this. */
        HoldfastLog.Person told() {
            return new HoldfastLog.Person(String.valueOf(id), name, List.of(role));
        }
    }

    private static final String COLUMNS = "select id, name, password_hash, role from users ";

    List<User> all() {
        return database.sql(COLUMNS + "order by id").query(User.class).list();
    }

    Optional<User> byId(int id) {
        return database.sql(COLUMNS + "where id = ?").param(id).query(User.class).optional();
    }

    Optional<User> byName(String name) {
        return database.sql(COLUMNS + "where name = ?").param(name).query(User.class).optional();
    }

    User add(String name, String hash, String role) {
        return database.sql("insert into users (name, password_hash, role) values (?, ?, ?) returning id, name, password_hash, role")
            .params(name, hash, role).query(User.class).single();
    }

    void setPassword(User user, String hash) {
        database.sql("update users set password_hash = ? where id = ?").params(hash, user.id()).update();
    }

    int delete(User user) {
        return database.sql("delete from users where id = ?").param(user.id()).update();
    }
}
