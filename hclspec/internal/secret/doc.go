// Package secret collects sensitive values during an evaluation, keeps these values out of messages, and masks them in
// text.
package secret
