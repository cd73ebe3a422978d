// Package pagetest does what a page says: the commands of its console blocks run, and their output is compared with the
// output on the page.
package pagetest
