import { AWS_ROWS } from "./fault-rows.ts";
import { meetFaults } from "./meet-faults.ts";

meetFaults(AWS_ROWS);
