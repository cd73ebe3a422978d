// Package docs has the pages for users. The tests execute the tutorial.
package docs
