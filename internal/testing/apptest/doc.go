// Package apptest runs the program for the tests in e2e: each test has a project with a name, a directory and files of its
// own. The package knows how to call the program, how to type at its terminal, and what the engine has of the project.
package apptest
