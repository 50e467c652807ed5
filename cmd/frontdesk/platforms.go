package main

import (
	"cmp"
	"errors"
	"fmt"

	"frontdesk/adapters/discord"
	"frontdesk/adapters/slack"
	"frontdesk/config"

	"github.com/spf13/cobra"
)

func slackCommand() *cobra.Command {
	root := &cobra.Command{Use: "slack", Short: "Set up the Slack app", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() }}
	cmd := &cobra.Command{
		Use:   "manifest",
		Short: "Print the app manifest, with only the scopes that the configured features need",
		Args:  cobra.NoArgs,
	}
	read := settingsFlags(cmd)
	transport := cmd.Flags().String("transport", "", config.Socket+" or "+config.HTTP+" (default: as configured)")
	address := cmd.Flags().String("url", "", "public address of the HTTP transport, such as https://desk.example.org")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		settings, err := read(map[string]string{"slack.transport": *transport, "public_url": *address})
		if err != nil {
			return err
		}
		public := ""
		if settings.Slack.Transport == config.HTTP {
			if public = settings.PublicURL; public == "" {
				public = "https://desk.example.org"
				fmt.Fprintln(cmd.ErrOrStderr(), "frontdesk: replace "+public+
					" with your own address, or set it with --url or FRONTDESK_PUBLIC_URL")
			}
		}
		_, err = fmt.Fprint(cmd.OutOrStdout(), slack.Manifest(slackFeatures(settings), public))
		return err
	}
	root.AddCommand(cmd)
	return root
}

func discordCommand() *cobra.Command {
	root := &cobra.Command{Use: "discord", Short: "Set up the Discord app", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() }}
	cmd := &cobra.Command{
		Use:   "invite",
		Short: "Print the link that adds the bot to a server, with only the permissions it needs",
		Args:  cobra.NoArgs,
	}
	read := settingsFlags(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		settings, err := read()
		if err != nil {
			return err
		}
		app := cmp.Or(settings.Discord.Application, discord.BotID(string(settings.Discord.BotToken)))
		if app == "" {
			return errors.New("neither DISCORD_BOT_TOKEN nor DISCORD_APPLICATION_ID is set; set one of them: the " +
				"Application ID is on the app's page General Information at discord.com/developers/applications")
		}
		_, err = fmt.Fprintln(cmd.OutOrStdout(), discord.Invite(app))
		return err
	}
	root.AddCommand(cmd)
	return root
}
