package main

import (
	"strings"
	"testing"
)

func TestCSV(t *testing.T) {
	var text strings.Builder
	if err := writeCSV(&text, []sum{{"Ada", 125005}, {`Grace "Amazing" Hopper`, 500}}); err != nil {
		t.Fatal(err)
	}
	want := "customer,sum\nAda,1250.05\n\"Grace \"\"Amazing\"\" Hopper\",5.00\n"
	if text.String() != want {
		t.Errorf("got\n%swant\n%s", text.String(), want)
	}
}
