// The program report prints the sums of the customers of a shop as CSV. DATABASE_URL names the database.
package main

import (
	"context"
	"fmt"
	"os"

	"github.com/jackc/pgx/v5"
)

// version is the version of the program. The build sets it.
var version = "none"

func main() {
	if len(os.Args) == 2 && os.Args[1] == "version" {
		fmt.Println(version)
		return
	}
	if err := run(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, "report:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	db, err := pgx.Connect(ctx, os.Getenv("DATABASE_URL"))
	if err != nil {
		return err
	}
	defer db.Close(ctx)
	sums, err := readSums(ctx, db)
	if err != nil {
		return err
	}
	return writeCSV(os.Stdout, sums)
}
