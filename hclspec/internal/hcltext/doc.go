// Package hcltext writes values and assignments as HCL text.
package hcltext
