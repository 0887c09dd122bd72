import { useSpoken } from "../lib/announce.ts";
import styles from "./announcer.module.css";

/** Mounted empty at the start, because a region that appears together with its text is not read. */
export function Announcer() {
  const { polite, alert } = useSpoken();
  return (
    <>
      <div role="status" className={styles.hidden}>
        {polite}
      </div>
      <div role="alert" className={styles.hidden}>
        {alert}
      </div>
    </>
  );
}
