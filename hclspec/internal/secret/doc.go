// Package secret collects sensitive values during an evaluation and masks them in text.
package secret
