package main

import (
	"context"
	_ "embed"
	"encoding/csv"
	"fmt"
	"io"

	"github.com/jackc/pgx/v5"
)

//go:embed schema.sql
var schema string

// sum is the sum of the orders of a customer.
type sum struct {
	Customer string
	Cents    int64
}

// readSums returns the sums, the highest first. Of equal sums, the order is that of the names.
func readSums(ctx context.Context, db *pgx.Conn) ([]sum, error) {
	rows, err := db.Query(ctx, "SELECT customer, sum(cents) AS cents FROM orders GROUP BY customer ORDER BY cents DESC, customer")
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[sum])
}

func writeCSV(to io.Writer, sums []sum) error {
	w := csv.NewWriter(to)
	_ = w.Write([]string{"customer", "sum"}) // Error reports the first failure of all writes
	for _, s := range sums {
		_ = w.Write([]string{s.Customer, fmt.Sprintf("%d.%02d", s.Cents/100, s.Cents%100)})
	}
	w.Flush()
	return w.Error()
}
