package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/waymark-ledger/waymark/client"
	"github.com/waymark-ledger/waymark/epcis"
)

func newCertificate() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "certificate",
		Short: "Show a certificate, export it as a Verifiable Credential, import one",
		Long: `Certificates are issued, suspended, reinstated and revoked by records, which waymark
capture hands in. These commands show how one stands, and exchange certificates with
others as W3C Verifiable Credentials in the shape of a UNTP Digital Conformity
Credential.`,
		Example: `  waymark certificate show https://id.gs1.org/253/9521106000011ORG2026`,
		Args:    cobra.NoArgs,
	}
	cmd.AddCommand(newCertificateShow(), newCertificateExport(), newCertificateImport())
	return cmd
}

func newCertificateShow() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "show ID",
		Short:   "Print how a certificate stands",
		Example: `  waymark certificate show https://id.gs1.org/253/9521106000011ORG2026 --home ./home`,
		Args:    cobra.ExactArgs(1),
	}
	connect := connectionFlags(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		c, err := connect.client()
		if err != nil {
			return err
		}
		defer c.Close()
		certificate, err := c.Certificate(cmd.Context(), args[0])
		if err != nil {
			return err
		}
		return print(cmd, certificate, func(w io.Writer) { writeCertificate(w, certificate) })
	}
	return cmd
}

func writeCertificate(w io.Writer, c *client.Certificate) {
	lines := []string{"certificate\t" + c.ID, "status\t" + c.Status, "issuer\t" + c.Issuer, "scheme\t" + c.Scheme, "subject\t" + c.Subject}
	for _, s := range []struct {
		what  string
		names []string
	}{{"scope", c.Scope}, {"HS codes", c.HSCodes}, {"activities", c.Activities}, {"accredits for", c.Accredits}} {
		if len(s.names) > 0 {
			lines = append(lines, s.what+"\t"+strings.Join(s.names, ", "))
		}
	}
	lines = append(lines, "valid\t"+c.ValidFrom.String()+" to "+c.ValidUntil.String())
	for _, a := range c.Accreditations {
		lines = append(lines, "accreditation\t"+a.ID+", "+a.Status+", by "+a.Issuer)
	}
	for _, change := range c.Changes {
		line := fmt.Sprintf("record %d\t%s, by %s", change.Seq, change.Status, change.By)
		if change.EffectiveFrom != nil {
			line += ", from " + change.EffectiveFrom.String()
		}
		if because := strings.TrimPrefix(change.ReasonCode+": "+change.Reason, ": "); because != "" {
			line += " (" + strings.TrimSuffix(because, ": ") + ")"
		}
		lines = append(lines, line)
	}
	rows(w, lines...)
}

func newCertificateExport() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "export ID",
		Short: "Write a certificate as a Verifiable Credential",
		Long: `Export writes the record that issued a certificate as a W3C Verifiable Credential
(Data Model 2.0) in the shape of a UNTP Digital Conformity Credential, with its status
as of now. The credential has no proof of its own: the certificate is signed on the
ledger, and waymark dossier gets the proof of that.`,
		Example: `  waymark certificate export https://id.gs1.org/253/9521106000011ORG2026 --out organic.json`,
		Args:    cobra.ExactArgs(1),
	}
	connect := connectionFlags(cmd)
	out := cmd.Flags().StringP("out", "o", "-", `file to write, "-" for standard output`)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		c, err := connect.client()
		if err != nil {
			return err
		}
		defer c.Close()
		credential, err := c.Credential(cmd.Context(), args[0])
		if err != nil {
			return err
		}
		var b bytes.Buffer
		if err := json.Indent(&b, bytes.TrimSpace(credential), "", "  "); err != nil {
			return fmt.Errorf("understand the credential: %w", err)
		}
		b.WriteByte('\n')
		if *out == "-" {
			_, err := b.WriteTo(cmd.OutOrStdout())
			return err
		}
		written := gatheredFile{*out, b.Len()}
		if err := os.WriteFile(*out, b.Bytes(), 0o644); err != nil {
			return usageError{err}
		}
		return print(cmd, written, written.write)
	}
	return cmd
}

func newCertificateImport() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "import FILE",
		Short: "Issue the certificate that a Verifiable Credential describes",
		Long: `Import reads a UNTP Digital Conformity Credential and issues the same certificate on
the ledger, signed by the node's organisation or with --key. The credential's own
proof is not verified: the organisation that signs vouches for the certificate.

What a certificate record has no place for is kept in the record with its place in
the credential. A credential that cannot be a certificate here is refused, with the
JSON pointer to the reason. "-" reads standard input.

Exit code 1 when the ledger refused the record, 2 when the credential was refused.`,
		Example: `  waymark certificate import organic.json --home ./home
  waymark certificate import organic.json --accreditation https://id.gs1.org/253/9521109000018ACC1`,
		Args: cobra.ExactArgs(1),
	}
	at := deskFlags(cmd)
	f := cmd.Flags()
	accreditation := f.String("accreditation", "", "id of the accreditation to issue it under")
	patience := waitFlag(cmd, time.Minute, "how long to wait for the verdict")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		body, err := readInput(cmd, args[0])
		if err != nil {
			return err
		}
		desk, err := at.open()
		if err != nil {
			return err
		}
		defer desk.client.Close()
		ctx, cancel := context.WithTimeout(cmd.Context(), *patience)
		defer cancel()
		issuer, err := desk.organisation(ctx)
		if err != nil {
			return err
		}
		certificate, err := epcis.ParseCredential(body, epcis.CredentialOptions{Issuer: issuer, Accreditation: *accreditation})
		if err != nil {
			return usageError{fmt.Errorf("%s is no credential of a certificate: %w", args[0], err)}
		}
		doc, err := lookThrough(certificate.JSON())
		if err != nil {
			return fmt.Errorf("%s: %w", args[0], err)
		}
		records, err := desk.capture(ctx, doc)
		if err != nil {
			return fmt.Errorf("%s: %w", args[0], err)
		}
		captured := []capturedFile{{File: args[0], Records: records}}
		if err := print(cmd, captured, func(w io.Writer) { writeCaptured(w, captured) }); err != nil {
			return err
		}
		if certificate.Imported != nil {
			fmt.Fprintf(cmd.ErrOrStderr(), "What has no place in a certificate is kept in the record: %s of the credential.\n", counted(uint64(len(certificate.Imported.Items)), "thing"))
		}
		return refusals(captured)
	}
	return cmd
}

// organisation is the one that signs what the desk hands in.
func (d *desk) organisation(ctx context.Context) (string, error) {
	if d.key == nil {
		status, err := d.client.Status(ctx)
		if err != nil {
			return "", err
		}
		return status.Organisation, nil
	}
	network, err := d.client.Network(ctx)
	if err != nil {
		return "", err
	}
	address := d.key.Address().Hex()
	for i := range network.Organisations {
		if slices.Contains(network.Organisations[i].Addresses, address) {
			return network.Organisations[i].ID, nil
		}
	}
	return "", usagef("no member of the network has the key %s", address)
}
