package main

import (
	"os"
	"slices"
	"testing"

	"github.com/jackc/pgx/v5"
)

// connect returns a connection to the database with the tables, and with nothing in them.
func connect(t *testing.T) *pgx.Conn {
	t.Helper()
	if os.Getenv("DATABASE_URL") == "" {
		t.Skip("DATABASE_URL is not set: tasks run integration sets it")
	}
	db, err := pgx.Connect(t.Context(), os.Getenv("DATABASE_URL"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec(t.Context(), schema+"; TRUNCATE orders"); err != nil {
		t.Fatal(err)
	}
	return db
}

// expectSums inserts orders, and compares the sums.
func expectSums(t *testing.T, orders string, want ...sum) {
	t.Helper()
	db := connect(t)
	if orders != "" {
		if _, err := db.Exec(t.Context(), "INSERT INTO orders VALUES "+orders); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := readSums(t.Context(), db); err != nil || !slices.Equal(got, want) {
		t.Errorf("%v, %v; want %v", got, err, want)
	}
}

func TestDatabaseEmpty(t *testing.T) { expectSums(t, "") }

func TestDatabaseSums(t *testing.T) {
	expectSums(t, "('Ada', 100), ('Grace', 500), ('Ada', 250)", sum{"Grace", 500}, sum{"Ada", 350})
}

func TestDatabaseEqualSums(t *testing.T) {
	expectSums(t, "('Grace', 100), ('Ada', 100)", sum{"Ada", 100}, sum{"Grace", 100})
}

func TestDatabaseRefusesNegativeOrders(t *testing.T) {
	db := connect(t)
	if _, err := db.Exec(t.Context(), "INSERT INTO orders VALUES ('Ada', -1)"); err == nil {
		t.Error("the database has taken an order of -1 cents")
	}
}
