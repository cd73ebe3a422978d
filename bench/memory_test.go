package main

import (
	"io"
	"os"
	"runtime"
	"strings"
	"testing"
)

// TestMain lets the test program act as this program for a measurement of memory.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == memoryCommand {
		main()
		return
	}
	os.Exit(m.Run())
}

func TestMemoryIsThatOfTheCommand(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("SKIPPED, NOT TESTED: the system does not tell")
	}
	const much = 128 << 20
	hog := make([]byte, much) // the memory of the measuring process must not count
	for i := 0; i < len(hog); i += os.Getpagesize() {
		hog[i] = 1
	}
	bytes, err := command{argv: []string{"sh", "-c", "echo word"}}.memory(t.Context())
	if err != nil || bytes <= 0 || bytes >= much {
		t.Errorf("%d bytes, error %v", bytes, err)
	}
	runtime.KeepAlive(hog)
}

func TestMemoryOfFailedCommand(t *testing.T) {
	_, err := command{argv: []string{"sh", "-c", "exit 3"}}.memory(t.Context())
	if err == nil || !strings.Contains(err.Error(), "sh") {
		t.Errorf("got %v", err)
	}
	for want, argv := range map[string][]string{"exit status 3": {"sh", "-c", "exit 3"}, "no command": nil} {
		if err := runForMemory(t.Context(), argv, io.Discard); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}
