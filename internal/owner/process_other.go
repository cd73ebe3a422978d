//go:build !linux && !darwin && !windows

package owner

import "time"

func bootID() (string, bool) { return "", false }

func machineID() string { return "" }

func uptime() (time.Duration, bool) { return 0, false }

func pidSpace() string { return "" }

func startOf(int) (start string, alive bool) { return "", true }
