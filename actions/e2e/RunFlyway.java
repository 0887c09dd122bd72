import org.flywaydb.core.Flyway;

/** Flyway itself, on the folder and database of its arguments: runs each command after them and prints what came of it, one line each, after "== ". */
public class RunFlyway {
    public static void main(String[] args) {
        Flyway flyway = Flyway.configure()
            .configuration(java.util.Map.of("flyway.postgresql.transactional.lock", "false"))
            .dataSource(args[0], args[1], args[2])
            .locations("filesystem:" + args[3])
            .load();
        for (int index = 4; index < args.length; index++) {
            switch (args[index]) {
                case "migrate" -> System.out.println("== migrated " + flyway.migrate().migrationsExecuted);
                case "validate" -> {
                    var result = flyway.validateWithResult();
                    System.out.println("== valid " + result.validationSuccessful + " " + result.getAllErrorMessages());
                }
                case "info" -> {
                    for (var each : flyway.info().all())
                        System.out.println("== " + each.getVersion() + " " + each.getDescription() + " " + each.getState() + " " + each.getChecksum());
                }
                default -> throw new IllegalArgumentException(args[index]);
            }
        }
    }
}
