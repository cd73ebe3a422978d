package engine

import "fmt"

// CodeKilled is the exit code of a command after SIGKILL.
const CodeKilled = 128 + 9

// ExitReason explains the exit code of an ended container; empty: the code alone is known.
func (s ContainerState) ExitReason() string {
	switch {
	case !s.IsOutOfMemory || s.ExitCode == 0:
		return ""
	case s.MemoryLimit > 0:
		return fmt.Sprintf("out of memory (limit %s)", memoryText(s.MemoryLimit))
	}
	return "out of memory"
}

// memoryText renders a number of bytes in the largest unit with a value of at least 1.
func memoryText(bytes int64) string {
	value, units := float64(bytes), []string{"B", "KiB", "MiB", "GiB", "TiB"}
	for value >= 1024 && len(units) > 1 {
		value, units = value/1024, units[1:]
	}
	if value == float64(int64(value)) {
		return fmt.Sprintf("%d %s", int64(value), units[0])
	}
	return fmt.Sprintf("%.1f %s", value, units[0])
}
