package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/waymark-ledger/waymark/identity"
	"github.com/waymark-ledger/waymark/node"
)

func newKeys() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "keys",
		Short: "Make, list, show, export, import, register and revoke operating keys",
		Long: `Keys are secp256k1, kept as Web3 Secret Storage files, which Ethereum wallets read
and write. The keystore is the home's, or --keystore. The passphrase is read from
--passphrase-file, else from $WAYMARK_PASSPHRASE, else from the home's own file.`,
		Example: `  waymark keys list --home ./home`,
	}
	k := &keyFlags{
		home:       cmd.PersistentFlags().String("home", defaultHome(), "directory of the node ($WAYMARK_HOME)"),
		keystore:   cmd.PersistentFlags().String("keystore", "", "directory of key files instead of the home's"),
		passphrase: cmd.PersistentFlags().String("passphrase-file", "", "file that holds the passphrase"),
	}
	cmd.AddCommand(k.newCommand(), k.listCommand(), k.showCommand(), k.exportCommand(), k.importCommand(), newKeysRegister(), newKeysRevoke(), newKeysCommit())
	return cmd
}

type keyFlags struct{ home, keystore, passphrase *string }

func (k *keyFlags) store() (identity.Keystore, node.SignerConfig) {
	signer := node.DefaultConfig(*k.home).Signer
	if config, err := node.LoadConfig(*k.home, os.Environ(), nil); err == nil {
		signer = config.Signer
	}
	for _, path := range []*string{&signer.Keystore, &signer.PassphraseFile} {
		if !filepath.IsAbs(*path) {
			*path = filepath.Join(*k.home, *path)
		}
	}
	if *k.keystore != "" {
		return identity.Keystore{Dir: *k.keystore}, node.SignerConfig{PassphraseFile: filepath.Join(*k.keystore, "passphrase")}
	}
	return identity.Keystore{Dir: signer.Keystore}, signer
}

// readPassphrase finds the passphrase: the flag's file, the environment, then
// the file that stands beside the keys.
func readPassphrase(flag, beside string) (string, error) {
	path := flag
	if path == "" {
		if p := os.Getenv("WAYMARK_PASSPHRASE"); p != "" {
			return p, nil
		}
		path = beside
	}
	b, err := os.ReadFile(path)
	if err != nil {
		if _, gone := os.Stat(filepath.Dir(path)); flag == "" && errors.Is(gone, fs.ErrNotExist) {
			return "", usagef("no passphrase: %s, which would have it, does not exist; name a node's home with --home (waymark init makes one), or give --passphrase-file or WAYMARK_PASSPHRASE",
				filepath.Dir(path))
		}
		return "", usagef("no passphrase: give --passphrase-file or WAYMARK_PASSPHRASE (%w)", err)
	}
	passphrase := strings.TrimRight(string(b), "\r\n")
	if passphrase == "" {
		return "", usagef("the passphrase in %s is empty: it would protect no key", path)
	}
	return passphrase, nil
}

func (k *keyFlags) newCommand() *cobra.Command {
	return &cobra.Command{
		Use: "new", Short: "Draw a key", Args: cobra.NoArgs,
		Example: `  waymark keys new --keystore ./keys --passphrase-file ./secret`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			store, signer := k.store()
			passphrase, err := readPassphrase(*k.passphrase, signer.PassphraseFile)
			if err != nil {
				return err
			}
			address, err := store.New(passphrase)
			if err != nil {
				return err
			}
			return printKey(cmd, store, address, passphrase)
		},
	}
}

func (k *keyFlags) showCommand() *cobra.Command {
	return &cobra.Command{
		Use: "show ADDRESS", Short: "Print a key's public key, which others know it by", Args: cobra.ExactArgs(1),
		Example: `  waymark keys show 0x52908400098527886E0F7030069857D2E4169EE7 --json`,
		RunE: func(cmd *cobra.Command, args []string) error {
			address, err := identity.ParseAddress(args[0])
			if err != nil {
				return usageError{err}
			}
			store, signer := k.store()
			passphrase, err := readPassphrase(*k.passphrase, signer.PassphraseFile)
			if err != nil {
				return err
			}
			return printKey(cmd, store, address, passphrase)
		},
	}
}

// printKey prints what of a key is no secret. Its file holds the address alone, so
// that it has to be unlocked.
func printKey(cmd *cobra.Command, store identity.Keystore, address identity.Address, passphrase string) error {
	key, err := store.Unlock(address, passphrase)
	if err != nil {
		return usageError{err}
	}
	told := map[string]string{"address": address.Hex(), "publicKey": identity.FormatPublicKey(key.PublicKey()), "keystore": store.Dir}
	return print(cmd, told, func(w io.Writer) {
		rows(w, "address\t"+told["address"], "public key\t"+told["publicKey"], "keystore\t"+told["keystore"])
	})
}

func (k *keyFlags) listCommand() *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: "List the keys' addresses", Args: cobra.NoArgs,
		Example: `  waymark keys list --keystore ./keys --json`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			store, _ := k.store()
			if _, err := os.Stat(store.Dir); err != nil {
				return usagef("the keystore: %w; name the node with --home, or the directory of its key files with --keystore", err)
			}
			addresses, err := store.List()
			if err != nil {
				return err
			}
			names := []string{}
			for _, a := range addresses {
				names = append(names, a.Hex())
			}
			return print(cmd, map[string]any{"keystore": store.Dir, "addresses": names}, func(w io.Writer) {
				for _, n := range names {
					fmt.Fprintln(w, n)
				}
				if len(names) == 0 {
					fmt.Fprintln(cmd.ErrOrStderr(), "no keys in "+store.Dir)
				}
			})
		},
	}
}

func (k *keyFlags) exportCommand() *cobra.Command {
	return &cobra.Command{
		Use: "export ADDRESS", Short: "Print a key's file, still encrypted", Args: cobra.ExactArgs(1),
		Example: `  waymark keys export 0x52908400098527886E0F7030069857D2E4169EE7 > key.json`,
		RunE: func(cmd *cobra.Command, args []string) error {
			address, err := identity.ParseAddress(args[0])
			if err != nil {
				return usageError{err}
			}
			store, _ := k.store()
			doc, err := store.Export(address)
			if err != nil {
				return usageError{err}
			}
			_, err = fmt.Fprintln(cmd.OutOrStdout(), strings.TrimSpace(string(doc)))
			return err
		},
	}
}

func (k *keyFlags) importCommand() *cobra.Command {
	return &cobra.Command{
		Use: "import FILE", Short: "Add a Web3 Secret Storage file", Args: cobra.ExactArgs(1),
		Example: `  waymark keys import key.json --keystore ./keys --passphrase-file ./secret`,
		RunE: func(cmd *cobra.Command, args []string) error {
			doc, err := readInput(cmd, args[0])
			if err != nil {
				return err
			}
			store, signer := k.store()
			passphrase, err := readPassphrase(*k.passphrase, signer.PassphraseFile)
			if err != nil {
				return err
			}
			address, err := store.Import(doc, passphrase)
			if err != nil {
				return usageError{err}
			}
			return print(cmd, map[string]string{"address": address.Hex()}, func(w io.Writer) { fmt.Fprintln(w, address.Hex()) })
		},
	}
}

// unlock opens the key that --key names: a key file, or a directory with one
// key.
func unlock(path, passphraseFile string) (*identity.Key, error) {
	dir, want := path, ""
	if info, err := os.Stat(path); err != nil {
		return nil, usagef("--key: %w", err)
	} else if !info.IsDir() {
		dir, want = filepath.Dir(path), filepath.Base(path)
	}
	store := identity.Keystore{Dir: dir}
	addresses, err := store.List()
	if err != nil {
		return nil, usageError{err}
	}
	var chosen []identity.Address
	for _, a := range addresses {
		if want == "" || strings.Contains(strings.ToLower(want), strings.ToLower(a.Hex()[2:])) {
			chosen = append(chosen, a)
		}
	}
	if len(chosen) != 1 {
		return nil, usagef("--key %s: %d keys, want one; name the key's file", path, len(chosen))
	}
	passphrase, err := readPassphrase(passphraseFile, filepath.Join(dir, "passphrase"))
	if err != nil {
		return nil, err
	}
	key, err := store.Unlock(chosen[0], passphrase)
	if err != nil {
		return nil, usageError{err}
	}
	return key, nil
}
