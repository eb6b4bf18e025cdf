// The words of every room; a test compares the two languages.

import ui from '../ui/words.zh.json';
import frame from '../frame/words.zh.json';
import signIn from '../pages/sign-in/words.zh.json';
import overview from '../pages/overview/words.zh.json';
import requests from '../pages/requests/words.zh.json';
import keys from '../pages/keys/words.zh.json';
import pools from '../pages/pools/words.zh.json';
import users from '../pages/users/words.zh.json';
import models from '../pages/models/words.zh.json';
import usage from '../pages/usage/words.zh.json';
import connect from '../pages/connect/words.zh.json';
import playground from '../pages/playground/words.zh.json';
import settings from '../pages/settings/words.zh.json';

export default { ui, frame, 'sign-in': signIn, overview, requests, keys, pools, users, models, usage, connect, playground, settings };
