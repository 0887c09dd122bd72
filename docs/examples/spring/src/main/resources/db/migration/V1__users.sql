CREATE TABLE users (
    id serial PRIMARY KEY,
    name varchar(80) NOT NULL UNIQUE,
    password_hash varchar(255) NOT NULL,
    role varchar(20) NOT NULL
);
