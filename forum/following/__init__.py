"""Being told: following a discussion, a branch or the replies to oneself; the inbox, and the letters at one's own pace."""
