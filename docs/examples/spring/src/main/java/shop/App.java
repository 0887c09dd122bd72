package shop;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.util.List;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.flyway.autoconfigure.FlywayMigrationStrategy;
import org.springframework.context.annotation.Bean;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.security.crypto.factory.PasswordEncoderFactories;
import org.springframework.security.crypto.password.PasswordEncoder;

/**
 * A small shop's user service on PostgreSQL.
 *
 *     java -jar target/users.jar                             serve; DATABASE_URL=jdbc:postgresql://..., DATABASE_USER, DATABASE_PASSWORD
 *     java -jar target/users.jar create-admin NAME           make an administrator; the password is read from standard input
 *     java -jar target/users.jar --shop.migrate=true         while developing: apply what is pending first
 */
@SpringBootApplication
public class App {
    public static void main(String[] args) throws Exception {
        if (args.length < 2 || !args[0].equals("create-admin")) {
            SpringApplication.run(App.class, args);
            return;
        }
        SpringApplication quiet = new SpringApplication(App.class);
        quiet.setWebApplicationType(org.springframework.boot.WebApplicationType.NONE);
        try (var context = quiet.run()) {
            // Where no process list shows it.
            String password = new BufferedReader(new InputStreamReader(System.in)).readLine();
            if (password == null || password.isEmpty()) throw new IllegalArgumentException("no password on standard input");
            var users = new Users(context.getBean(JdbcClient.class));
            var made = users.add(args[1], context.getBean(PasswordEncoder.class).encode(password), "admin");
            HoldfastLog.record("user-created", new HoldfastLog.Person(null, "console", List.of("admin")), made.told());
        }
    }

    /**
     * An application that migrates when it starts goes around every approval, so it only checks: where the database lacks a migration, or has another one than this
     * build, it does not start.
     */
    @Bean
    FlywayMigrationStrategy migrations(@Value("${shop.migrate:false}") boolean migrate) {
        return flyway -> {
            if (migrate) flyway.migrate();
            else flyway.validate();
        };
    }

    /** Writes {bcrypt}$2a$…, and verifies what earlier versions wrote. */
    @Bean
    PasswordEncoder passwords() {
        return PasswordEncoderFactories.createDelegatingPasswordEncoder();
    }

    @Bean
    Users users(JdbcClient database) {
        return new Users(database);
    }
}
