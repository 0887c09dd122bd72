CREATE TABLE orders (
    id serial PRIMARY KEY,
    user_id integer NOT NULL REFERENCES users ON DELETE CASCADE,
    placed_at timestamptz NOT NULL DEFAULT now(),
    total_cents bigint NOT NULL
);
