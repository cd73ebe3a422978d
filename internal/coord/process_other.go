//go:build !linux && !darwin && !windows

package coord

import "time"

func bootID() (string, bool) { return "", false }

func machineID() string { return "" }

func uptime() (time.Duration, bool) { return 0, false }

func namespaces() string { return "" }

func isTimeComparable(int) bool { return true }

func hasOwnProc() bool { return true }

func processStart(int) (start string, isAlive bool) { return "", true }
