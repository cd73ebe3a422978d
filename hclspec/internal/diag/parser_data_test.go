package diag

import "testing"

func TestOffsets(t *testing.T) {
	text := []byte("ab\nü→c\n")
	for _, c := range []struct{ line, column, want int }{{1, 1, 0}, {1, 3, 2}, {2, 1, 3}, {2, 2, 5}, {2, 3, 8}, {3, 1, 10}, {9, 9, 10}} {
		if got := offsetOf(text, c.line, c.column); got != c.want {
			t.Errorf("%d:%d is at %d, want %d", c.line, c.column, got, c.want)
		}
	}
}
