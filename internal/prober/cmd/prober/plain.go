//go:build linux

package main

import "syscall"

// Small versions of functions from packages that would triple the size of the program.

func say(line string) {
	// A failed write has no other reader to inform.
	_, _ = syscall.Write(1, []byte(line+"\n"))
}

// now returns the time in milliseconds.
func now() int64 {
	var t syscall.Timeval
	if err := syscall.Gettimeofday(&t); err != nil {
		panic(err)
	}
	return int64(t.Sec)*1000 + int64(t.Usec)/1000
}

func sleep(milliseconds int64) {
	t := syscall.NsecToTimespec(milliseconds * 1e6)
	// A signal may end the sleep early, without harm.
	_ = syscall.Nanosleep(&t, nil)
}

// number returns -1 for a text that is not a number.
func number(text string) int64 {
	if text == "" || len(text) > 15 {
		return -1
	}
	var n int64
	for i := range len(text) {
		if text[i] < '0' || text[i] > '9' {
			return -1
		}
		n = n*10 + int64(text[i]-'0')
	}
	return n
}

// split splits a text at separators. An empty text has no parts.
func split(text string, separator byte) []string {
	var parts []string
	begin := 0
	for i := range len(text) {
		if text[i] == separator {
			parts = append(parts, text[begin:i])
			begin = i + 1
		}
	}
	if text == "" {
		return parts
	}
	return append(parts, text[begin:])
}

// unhex decodes an even number of lower-case hex digits.
func unhex(text string) []byte {
	digit := func(c byte) byte {
		if c >= 'a' {
			return c - 'a' + 10
		}
		return c - '0'
	}
	bytes := make([]byte, len(text)/2)
	for i := range bytes {
		bytes[i] = digit(text[2*i])<<4 | digit(text[2*i+1])
	}
	return bytes
}
