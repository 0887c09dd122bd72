/** Around every screen: the state bar on top, the navigation beside it (below it on a phone). */
import { type ReactNode, useEffect, useRef } from "react";
import { Link, useLocation } from "wouter";
import { Sign } from "../components/icons.tsx";
import styles from "./frame.module.css";
import { StateBar } from "./state-bar.tsx";

const PLACES = [
  { to: "/", name: "Overview", sign: "overview", under: /^\/$/ },
  { to: "/alerts", name: "Alerts", sign: "alerts", under: /^\/alerts/ },
  {
    to: "/recovery",
    name: "Recovery",
    sign: "recovery",
    under: /^\/((recovery|recover|rewind|cut-over|runs)(\/|$)|incidents\/[^/]+\/(recover|rewind)$)/,
  },
  { to: "/migrations", name: "Migrations", sign: "migrations", under: /^\/migrations/ },
  { to: "/ledger", name: "Ledger", sign: "ledger", under: /^\/(ledger|incidents\/[^/]+$)/ },
  { to: "/token", name: "Token", sign: "token", under: /^\/token/ },
] as const;

export function Frame({ children }: { readonly children: ReactNode }) {
  const [location] = useLocation();
  const main = useFocusOnMove(location);
  return (
    <div className={styles.frame}>
      <button type="button" className={styles.skip} onClick={() => main.current?.focus()}>
        Skip to content
      </button>
      <StateBar />
      <nav className={styles.nav} aria-label="Main">
        <ul>
          {PLACES.map(({ to, name, sign, under }) => (
            <li key={to}>
              <Link href={to} className={styles.place ?? ""} aria-current={under.test(location) ? "page" : undefined}>
                <Sign name={sign} />
                {name}
              </Link>
            </li>
          ))}
        </ul>
      </nav>
      <main className={styles.main} ref={main} tabIndex={-1}>
        {children}
      </main>
    </div>
  );
}

/** A new screen is announced by moving the focus into it, as loading a page would. */
function useFocusOnMove(location: string) {
  const main = useRef<HTMLElement>(null);
  const before = useRef(location);
  useEffect(() => {
    if (before.current === location) return;
    before.current = location;
    main.current?.focus({ preventScroll: true });
    window.scrollTo(0, 0);
  }, [location]);
  return main;
}
