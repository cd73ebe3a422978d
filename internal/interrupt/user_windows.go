package interrupt

import "os"

// userSignals are none: Windows has no such signals.
func userSignals() []os.Signal { return nil }
