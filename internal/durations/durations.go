// Package durations has the one format of durations for people.
package durations

import (
	"fmt"
	"time"
)

// Text renders a duration for people: "0.6 s", "2 m 05 s", "1 h 02 m".
func Text(d time.Duration) string {
	d = d.Round(100 * time.Millisecond)
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%.1f s", d.Seconds())
	case d < time.Hour:
		return fmt.Sprintf("%d m %02d s", int(d.Minutes()), int(d.Seconds())%60)
	}
	return fmt.Sprintf("%d h %02d m", int(d.Hours()), int(d.Minutes())%60)
}
