package durations

import (
	"testing"
	"time"
)

func TestText(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "0.0 s", 40 * time.Millisecond: "0.0 s", 2340 * time.Millisecond: "2.3 s", 59960 * time.Millisecond: "1 m 00 s",
		170 * time.Second: "2 m 50 s", 3720 * time.Second: "1 h 02 m",
	} {
		if got := Text(d); got != want {
			t.Errorf("%v: %q, want %q", d, got, want)
		}
	}
}
