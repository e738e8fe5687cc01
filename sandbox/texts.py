"""What people write to a support desk: topics, and sentences with slots to fill."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Topic:
    """One reason to write in, with what each side tends to say about it."""

    name: str
    subtopic: str
    team: int
    subjects: tuple[str, ...]
    openers: tuple[str, ...]
    details: tuple[str, ...]
    answers: tuple[str, ...]
    fin: tuple[str, ...]


TOPICS: tuple[Topic, ...] = (
    Topic(
        "Billing",
        "Duplicate charges",
        1,
        ("Question about invoice {invoice}", "Charged twice this month"),
        (
            (
                "Hi, I see two charges of {amount} on our card for {plan}. Invoice {invoice}"
                " shows only one of them. Could you check?"
            ),
            (
                "Hello, our finance team needs {invoice} with the VAT number on it. Where can"
                " I add that?"
            ),
            "We moved to the {plan} plan last week but were billed for the old one.",
        ),
        (
            "The second charge is still pending, the bank says it came from you.",
            "Our VAT number is on the company page already, but not on the PDF.",
            "It's {amount}, the reference ends in {code}.",
        ),
        (
            (
                "Thanks {first}. The second line is an authorization that drops off within five"
                " working days; only {invoice} has been settled."
            ),
            (
                "I've re-issued {invoice} with your VAT number. You'll find it under Settings >"
                " Billing > Invoices."
            ),
            "I've refunded {amount} to the card on file. It takes three to five days to show.",
        ),
        (
            (
                "You can find your invoices under Settings > Billing. Pending authorizations are"
                " released by your bank within five working days."
            ),
            "To add a VAT number, open Settings > Billing > Company details.",
        ),
    ),
    Topic(
        "Login",
        "Single sign-on",
        0,
        ("Cannot log in since this morning", "SSO loop on {browser}"),
        (
            (
                "I can't log in any more. After the Okta page I land on the sign-in form again"
                " ({browser})."
            ),
            "Hi! The password reset mail never arrives at {email}. Spam folder is empty too.",
            "Three of our agents are locked out after we turned on two-factor.",
        ),
        (
            "I tried a private window as well, same loop.",
            "The error code at the bottom of the page is {code}.",
            "It works on my phone, only {browser} on the laptop fails.",
        ),
        (
            (
                "Could you clear the cookies for app.larkspur.example and try once more? The loop"
                " comes from an old session."
            ),
            (
                "Our mail provider had you on a bounce list; I took {email} off. Please ask for a"
                " new link."
            ),
            "I've reset two-factor for the three accounts. They will be asked to enrol again.",
        ),
        (
            (
                "If single sign-on keeps returning to the form, the certificate in your identity"
                " provider may have been rotated. Here is how to update it."
            ),
            "Reset links are valid for 60 minutes and go to the address of your account.",
        ),
    ),
    Topic(
        "Export",
        "CSV export",
        0,
        ("CSV export stops at 10,000 rows", "Scheduled export missing"),
        (
            (
                "The CSV export of {feature} stops at 10,000 rows, we have about 48,000. Is there a"
                " limit?"
            ),
            "Our scheduled export to S3 did not run on {day}, the bucket is empty.",
            "Dates in the export are in a different time zone from the dashboard.",
        ),
        (
            "I filtered by last quarter and it still stops at 10,000.",
            "The bucket is `{company_slug}-exports`, nothing changed on our side.",
            "We are in Berlin, the file says UTC but it is off by one hour.",
        ),
        (
            (
                "The limit holds for downloads in the browser. I've started a full export for you;"
                " the link arrives by mail within the hour."
            ),
            (
                "The run on {day} failed because the role had lost its write permission. It is"
                " queued again."
            ),
            "The file uses the workspace's time zone. You can change it under Settings > General.",
        ),
        (
            (
                "Exports above 10,000 rows are prepared in the background. Choose 'Send by mail' in"
                " the export dialog."
            ),
            "Scheduled exports need s3:PutObject on the bucket.",
        ),
    ),
    Topic(
        "Integrations",
        "Salesforce sync",
        2,
        ("Salesforce sync stuck", "Webhook retries from {feature}"),
        (
            "Our Salesforce sync has been stuck at 73% since {day}. Can you kick it?",
            "We get the same webhook from {feature} up to five times. Is that expected?",
            "Slack notifications stopped after we renamed the channel.",
        ),
        (
            "The job id is {code}.",
            "Our endpoint answers within 200 ms, so it can't be a timeout.",
            "I reconnected the app twice, no change.",
        ),
        (
            (
                "Job {code} hit a field that was deleted on the Salesforce side. I removed the"
                " mapping and restarted it."
            ),
            "We retry when the answer is not a 2xx. Your endpoint returned a 301 on {day}.",
            "Renaming drops the subscription; please run /larkspur subscribe in the new channel.",
        ),
        (
            (
                "A stuck sync mostly means that a mapped field is gone. Open Integrations >"
                " Salesforce > Field mapping to see it."
            ),
            "Webhooks are delivered at least once, so deduplicate by their id.",
        ),
    ),
    Topic(
        "Bug report",
        "Dashboard rendering",
        2,
        ("Chart is empty after the update", "Wrong totals in {feature}"),
        (
            "Since the update the chart on {feature} is empty for everyone on {browser}.",
            "Totals in {feature} don't add up: the rows give 1,204 but the footer says 1,198.",
            "Typing in the filter box throws me back to the first page every time.",
        ),
        (
            "Here's a screenshot. The console says `TypeError: x is undefined`.",
            "It started on {day}, before that it was fine.",
            "Happens for all of us at {company}.",
        ),
        (
            (
                "Thanks for the details, {first}. I can reproduce it and have filed {code} with the"
                " team."
            ),
            "This was a rounding problem with archived rows. The fix went live an hour ago.",
            "Could you send me the HAR file of one such request?",
        ),
        (
            "Please reload with the cache emptied; the last update changed the chart library.",
            "Archived rows are left out of the table but counted in the footer.",
        ),
    ),
    Topic(
        "Performance",
        "Slow reports",
        2,
        ("{feature} takes a minute to load", "Slow API today?"),
        (
            "{feature} takes more than a minute to load today. Usually it's three seconds.",
            "Is there an incident? Our API calls time out in about one case of five.",
        ),
        (
            "Request id of a slow one: {code}.",
            "We are on the {plan} plan if that matters.",
            "Still slow as of right now, sorry.",
        ),
        (
            (
                "We had a slow replica between 09:10 and 09:40 UTC. It has been taken out and times"
                " are back to normal."
            ),
            (
                "Your report joins all history; with a date range it takes two seconds. I've saved"
                " a copy for you."
            ),
        ),
        (
            "You can check the current state at status.larkspur.example.",
            "Reports over more than 24 months are slower. Try a shorter range first.",
        ),
    ),
    Topic(
        "Account",
        "Plan change",
        3,
        ("Upgrade to {plan}", "Cancel our trial"),
        (
            (
                "We'd like to move {company} to the {plan} plan with 40 seats. What would that cost"
                " per year?"
            ),
            "Please cancel our trial, we decided for another tool. Thanks anyway!",
            "Can I transfer the workspace to a colleague? I'm leaving {company} on {day}.",
        ),
        (
            "40 seats now, likely 60 by autumn.",
            "The new owner would be {colleague}.",
            "Is there a discount for non-profits?",
        ),
        (
            (
                "Happy to help, {first}! For 40 seats the yearly price is {amount}. I put a quote"
                " into your inbox."
            ),
            "The trial ends today and nothing will be charged. Your data stays for 30 days.",
            "{colleague} is the owner now. You keep access until your seat is removed.",
        ),
        (
            "You can change plans at any time under Settings > Billing > Plan.",
            "Owners can transfer a workspace under Settings > General > Ownership.",
        ),
    ),
    Topic(
        "How-to",
        "Getting started",
        0,
        ("How do I share {feature}?", "Import from a spreadsheet"),
        (
            "How do I share {feature} with someone outside of our workspace?",
            "Can I import contacts from a spreadsheet with custom columns?",
            "Où puis-je changer la langue de l'interface ? Merci d'avance \U0001f64f",
            "日本語のヘルプページはありますか? よろしくお願いします。",
        ),
        (
            "They only need to read it.",
            "About 2,500 rows, 14 columns.",
            "Danke, das schaue ich mir gleich an \U0001f44d",
        ),
        (
            (
                'Choose "Share" at the top right and then "Anyone with the link". The link can be'
                " revoked at any time."
            ),
            "Yes: Import > CSV, and map each column. Unknown ones become custom attributes.",
            "Bonjour {first}, c'est sous Paramètres > Profil > Langue.",
        ),
        (
            "To share a view, open it, choose Share and copy the public link.",
            "You can import a CSV of up to 100,000 rows. The columns are mapped in step two.",
        ),
    ),
)

THANKS = (
    "Perfect, that did it. Thank you {admin}!",
    "Great, works again. Have a nice {day}!",
    "OK, thanks for the quick help \U0001f389",
    "Hmm, it's back. Same thing as before.",
)
NOTES = (
    "Checked the logs for {company}: error {code} since {day}. Escalating to the platform team.",
    "Customer is on {plan}, renewal is due next month. Let's be generous here.",
    "@{colleague} could you have a look? Looks like the thing from last week.",
)
NOT_HELPFUL = (
    "That's not what I meant. Can I talk to a person?",
    "I read that article already, it doesn't help.",
    "OK thanks, that answers it.",
)
REMARKS = (
    "Quick and friendly, thanks!",
    "Took a while, but solved in the end.",
    "The bot sent me around in circles.",
    "{admin} was great \u2764\ufe0f",
    "Still waiting for the refund.",
)
SIDE = (
    "Can you confirm the refund of {amount} for {company}? Reference {code}.",
    "Confirmed, it left today.",
    "Is the fix for {code} in this week's release?",
)
FEATURES = ("Pipeline board", "Weekly digest", "Revenue report", "Inbox", "Form builder")
PLANS = ("Starter", "Team", "Growth", "Enterprise")
BROWSERS = ("Chrome 125", "Firefox 126", "Safari 17.4", "Edge 124")
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday")
